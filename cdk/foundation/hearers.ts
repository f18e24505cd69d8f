/** Who hears of alarms: people by email through a topic of ours, and topics of others by their ARN. */
export function hearers(alarms: string[], topic: string | undefined): string[] {
  return [...(topic === undefined ? [] : [topic]), ...alarms.filter(isTopic)];
}

/** Whether what is written under `alarms` is a topic, and not an address. */
export function isTopic(text: string): boolean {
  return text.startsWith('arn:');
}
