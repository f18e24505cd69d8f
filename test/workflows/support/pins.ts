/** The commits that the tags of third-party actions stood at when somebody looked at them. Others are not used. */
export const pins: Readonly<Record<string, { tag: string; commit: string }>> = {
  'actions/attest': { tag: 'v4.2.2', commit: '1e69f48acb82d1966a394da916b4c1698aa569d6' },
  'actions/checkout': { tag: 'v7.0.1', commit: '3d3c42e5aac5ba805825da76410c181273ba90b1' },
  'actions/download-artifact': { tag: 'v8.0.1', commit: '3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c' },
  'actions/setup-node': { tag: 'v7.0.0', commit: '820762786026740c76f36085b0efc47a31fe5020' },
  'actions/upload-artifact': { tag: 'v7.0.0', commit: 'bbbca2ddaa5d8feaa63e36b76fdaad77386f024f' },
  'aws-actions/configure-aws-credentials': { tag: 'v6.2.3', commit: 'e6de054238d6b7531b4efff3b6587d9aade6a06c' },
  'google-github-actions/auth': { tag: 'v3.0.0', commit: '7c6bc770dae815cd3e89ee6cdf493a5fab2cc093' },
};
