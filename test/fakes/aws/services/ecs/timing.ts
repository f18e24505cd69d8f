/**
 * Milliseconds of virtual time. ECS Developer Guide, "Task lifecycle", names the states; how long they last on Fargate is measured:
 * aws/containers-roadmap #696 ("Fargate image caching": half a minute to a minute from RunTask to RUNNING, most of it the network
 * interface and the pull), and aws/containers-roadmap #538 for what follows a stop.
 */
export const timing = {
  /** PROVISIONING: the network interface. */
  provision: 10_000,
  /** PENDING: pulling and unpacking the images, all at once. */
  pull: 12_000,
  /** From the start of a container until it counts as running. */
  start: 1_000,
  /** DEPROVISIONING. */
  deprovision: 10_000,
  /** How often the service scheduler looks at what it has. */
  schedule: 1_000,
  /** How long stopped tasks are shown. ECS API, "DescribeTasks": "for at least one hour". */
  stopped: 3_600_000,
  /** Of a task without any health check, until it counts. ECS API, "minimumHealthyPercent". */
  settle: 40_000,
  /** "Service throttle logic": the time between launches that fail grows up to 27 minutes. */
  throttle: { first: 10_000, most: 27 * 60_000 },
  /** "Fargate Spot": a warning of two minutes before the interruption. */
  spotWarning: 120_000,
  /** From one step of a traffic shift to the next. */
  shift: 5_000,
} as const;
