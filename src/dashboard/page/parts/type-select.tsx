/** Which type of event is wanted; empty for every one. */
export function TypeSelect(given: { types: readonly string[]; chosen: string; choose: (type: string) => void }) {
  return (
    <select aria-label="Type" value={given.chosen} onChange={event => given.choose(event.currentTarget.value)}>
      <option value="">every type</option>
      {given.types.map(type => (
        <option key={type} value={type}>
          {type}
        </option>
      ))}
    </select>
  )
}
