import { type Integer, i32, integer, type Statement, unsigned, type Value, type ValueType } from './instructions.ts'

/** What is needed of the global WebAssembly, which the types of Node do not know. */
declare const WebAssembly: {
  validate: (bytes: Uint8Array) => boolean
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> }
  Memory: new (size: { readonly initial: number }) => WebAssemblyMemory
}

/** Memory that a module works on. */
export interface WebAssemblyMemory {
  /** Another one after each growing. */
  readonly buffer: ArrayBuffer
  /** @param pages of 64 KiB */
  grow(pages: number): number
}

/** New memory of one page. */
export function newMemory(): WebAssemblyMemory {
  return new WebAssembly.Memory({ initial: 1 })
}

const typeBytes = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const

/** A variable of a function; as a value, what it holds. */
export interface Local<Type extends ValueType> extends Value<Type> {
  readonly index: number
}

/** Calls a function of the module, which returns nothing. */
export type Call = (...inputs: readonly Integer[]) => Statement

/** Writes one function's instructions, one statement after the other. */
export class FunctionWriter {
  readonly #parameters: number
  readonly #locals: ValueType[] = []
  readonly #code: number[] = []

  constructor(parameters: number) {
    this.#parameters = parameters
  }

  /** The parameters, all of them i32. */
  get inputs(): Local<'i32'>[] {
    return Array.from({ length: this.#parameters }, (_, index) => local('i32', index))
  }

  /** A new variable that holds this value. */
  keep<Type extends ValueType>(value: Value<Type>): Local<Type> {
    this.#locals.push(value.type)
    const variable = local(value.type, this.#parameters + this.#locals.length - 1)
    this.set(variable, value)
    return variable
  }

  set<Type extends ValueType>(variable: Local<Type>, value: Value<Type>): void {
    this.run([...value.code, 0x21, ...unsigned(variable.index)])
  }

  run(statement: Statement): void {
    for (const byte of statement) this.#code.push(byte)
  }

  /** Repeats the body with a variable that goes from `from` to before `end` in steps. */
  loop(from: Integer, end: Integer, step: Integer, body: (variable: Local<'i32'>) => void): void {
    const variable = this.keep(integer(from))
    this.repeat(i32.less(variable, end), () => {
      body(variable)
      this.set(variable, i32.add(variable, step))
    })
  }

  /** Repeats the body for as long as the condition holds. */
  repeat(condition: Value<'i32'>, body: () => void): void {
    this.when(condition, () => {
      this.run([0x03, 0x40])
      body()
      this.run([...condition.code, 0x0d, 0, 0x0b])
    })
  }

  /** Does the one or the other. */
  when(condition: Value<'i32'>, then: () => void, otherwise?: () => void): void {
    this.run([...condition.code, 0x04, 0x40])
    then()
    if (otherwise) {
      this.run([0x05])
      otherwise()
    }
    this.run([0x0b])
  }

  /** The function as the module holds it. */
  finish(): number[] {
    const locals = this.#locals.flatMap(type => [1, typeBytes[type]])
    const body = [...unsigned(this.#locals.length), ...locals, ...this.#code, 0x0b]
    return [...unsigned(body.length), ...body]
  }
}

function local<Type extends ValueType>(type: Type, index: number): Local<Type> {
  return { type, index, code: [0x20, ...unsigned(index)] }
}

/**
 * Writes a WebAssembly module whose functions take whole numbers, return nothing, and work on memory that is handed in.
 * Code that is made as it is loaded needs no compiler, no build step and no binary beside the source, and loops are
 * unrolled by plain loops around it.
 *
 * @example
 * const builder = new ModuleBuilder()
 * builder.define('double', 2, (writer, x, end) =>
 *   writer.loop(x, end, 16, at => writer.run(store.v128(at, f32x4.add(v128.load(at), v128.load(at))))))
 * const { double } = builder.instantiate(memory)
 */
export class ModuleBuilder {
  readonly #names: string[] = []
  readonly #parameters: number[] = []
  readonly #bodies: number[][] = []

  /** @returns what calls it from functions that are defined later */
  define(name: string, parameters: number, write: (writer: FunctionWriter, ...inputs: Local<'i32'>[]) => void): Call {
    const writer = new FunctionWriter(parameters)
    write(writer, ...writer.inputs)
    this.#names.push(name)
    this.#parameters.push(parameters)
    const index = this.#bodies.push(writer.finish()) - 1
    return (...inputs) => [...inputs.flatMap(input => integer(input).code), 0x10, ...unsigned(index)]
  }

  /** The module's bytes. */
  bytes(): Uint8Array {
    const text = (characters: string) => [...unsigned(characters.length), ...Buffer.from(characters)]
    const vector = (items: readonly (readonly number[])[]) => [...unsigned(items.length), ...items.flat()]
    const section = (id: number, items: readonly (readonly number[])[]) => {
      const content = vector(items)
      return [id, ...unsigned(content.length), ...content]
    }
    const types = this.#parameters.map(count => [
      0x60,
      ...vector(Array.from({ length: count }, () => [typeBytes.i32])),
      0,
    ])
    return Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, types),
      ...section(2, [[...text('heap'), ...text('memory'), 2, 0, 0]]),
      ...section(
        3,
        types.map((_, index) => unsigned(index)),
      ),
      ...section(
        7,
        this.#names.map((name, index) => [...text(name), 0, ...unsigned(index)]),
      ),
      ...section(10, this.#bodies),
    ])
  }

  /** Whether this engine knows all instructions of the module. */
  isKnown(): boolean {
    return WebAssembly.validate(this.bytes())
  }

  /** The functions by name, working on this memory. */
  instantiate(memory: object): Readonly<Record<string, (...inputs: number[]) => void>> {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(this.bytes()), { heap: { memory } })
    return exports as ReturnType<ModuleBuilder['instantiate']>
  }
}
