/** What the process ends with. A signal that stopped the work ends it with 128 and the signal's number: 130, 143. */
export const exitCodes = {
  done: 0,
  /** What was asked for cannot be done as things are: coded diagnostics say why. */
  userError: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** Nothing is wrong and nothing was done: the environment is held, the pull request was closed, a newer push took over. */
  refused: 3,
  /** Fairlead is at fault. */
  bug: 70,
} as const;
