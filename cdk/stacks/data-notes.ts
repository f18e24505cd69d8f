import type { Meaning, Template } from '../model.ts';

/** A template with what its resources hold written into it: who removes one later does not have the plan that made it. */
interface Noted extends Template {
  Metadata?: Record<string, unknown> & { fairlead?: Record<string, unknown> & { data?: Record<string, Meaning> } };
}

/** Only resources that hold data count: what is known of them changes only with them. */
export function withDataNotes(template: Template, meanings: Record<string, Meaning>): Template {
  const data = Object.fromEntries(
    Object.keys(template.Resources)
      .sort()
      .flatMap((id) => {
        const { subject, data } = meanings[id] ?? {};
        return subject !== undefined && data !== undefined ? [[id, { subject, data }]] : [];
      }),
  );
  if (Object.keys(data).length === 0) return template;
  const { Metadata } = template as Noted;
  return { ...template, Metadata: { ...Metadata, fairlead: { ...Metadata?.fairlead, data } } } as Noted;
}

/** What the resources of a deployed template hold, by logical id. */
export function dataNotesOf(template: Template | undefined): Record<string, Meaning> {
  return (template as Noted | undefined)?.Metadata?.fairlead?.data ?? {};
}
