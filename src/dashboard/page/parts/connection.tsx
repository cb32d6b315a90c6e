/** Whether what is shown is up to date. */
export function Connection({ isConnected }: { isConnected: boolean }) {
  return (
    <span class="connection" data-connected={isConnected} role="status">
      {isConnected ? 'live' : 'not connected; trying again …'}
    </span>
  )
}
