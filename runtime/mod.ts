export { type AppMeta, appMeta, type BuildMeta, type DeployMeta, type EnvironmentMeta } from './meta.ts';
export {
  type APICallMeta,
  type APIDesc,
  currentRequest,
  type PubSubMessageMeta,
  type RequestMeta,
  type TraceData,
} from './request.ts';
