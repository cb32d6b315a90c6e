/** The simplest tokenizer there is: one token a UTF-16 code unit, cut or padded with -1 to `length`. */
export function encodeLetters(text: string, length: number): Int32Array {
  return Int32Array.from({ length }, (_, i) => (i < text.length ? text.charCodeAt(i) : -1))
}
