/** Whether the charts show trends; it changes what is drawn, not what was measured. */
export function SmoothSwitch({ isSmooth, change }: { isSmooth: boolean; change: (isSmooth: boolean) => void }) {
  return (
    <label>
      <input type="checkbox" checked={isSmooth} onChange={event => change(event.currentTarget.checked)} /> smooth
    </label>
  )
}
