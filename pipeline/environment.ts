export type EnvironmentType = 'local' | 'preview' | 'development' | 'production';

/** A named place an application runs. `application` and `name` together identify it. */
export interface Environment {
  application: string;
  /** `local`, `pr-72`, `staging`, `production`. */
  name: string;
  type: EnvironmentType;
  /** The pull request a preview belongs to. */
  pullRequest?: number;
}
