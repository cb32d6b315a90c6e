// What `chronograd/dashboard` gives. It is no part of `chronograd` itself, so that nobody loads a server who wants none.
export { DashboardError } from './dashboard-error.ts'
export { type Dashboard, type DashboardOptions, type DashboardPlace, serveDashboard } from './serve-dashboard.ts'
export {
  type CommandableRun,
  type ReservedDashboard,
  reserveDashboard,
  type ServeRunOptions,
  serveRun,
} from './serve-run.ts'
