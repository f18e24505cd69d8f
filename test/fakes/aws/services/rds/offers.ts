/** Amazon RDS for PostgreSQL Release Notes: the newest minor version of each major one, oldest first. */
export const engineVersions: readonly string[] = ['14.20', '15.15', '16.11', '17.7', '18.1'];

/** A small part of "DB instance class types". */
export const instanceClasses: readonly string[] = [
  ...['micro', 'small', 'medium', 'large'].map((size) => `db.t4g.${size}`),
  ...['m5', 'm6g', 'm7g', 'r6g', 'r7g'].flatMap((family) =>
    ['large', 'xlarge', '2xlarge'].map((size) => `db.${family}.${size}`),
  ),
];
