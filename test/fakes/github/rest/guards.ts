import { guardsOf } from '../model/guards.ts';
import { type Context, found, type Json, notFound, ok, page, type Routes } from './answer.ts';
import { labelView } from './views.ts';

/** What an administrator sees of the rules around a repository. */
export const guards: Routes = {
  'GET /repos/{owner}/{repo}/labels/{name}': {
    needs: ['issues:read', 'pull-requests:read'],
    open: true,
    answer({ repository, params, urls }) {
      const label = repository.labels.list().find(({ name }) => name.toLowerCase() === params.name!.toLowerCase());
      return ok(labelView(found(label), repository, urls));
    },
  },
  'GET /repos/{owner}/{repo}/actions/permissions/fork-pr-contributor-approval': {
    needs: ['administration:read'],
    answer: ({ repository }) => ok({ approval_policy: guardsOf(repository).forkApproval }),
  },
  'GET /repos/{owner}/{repo}/actions/organization-variables': {
    needs: ['variables:read'],
    answer: (context) =>
      page(context, guardsOf(context.repository).sharedVariables, sharedVariable, (list, total) => ({
        total_count: total,
        variables: list,
      })),
  },
  'GET /repos/{owner}/{repo}/actions/runners': {
    needs: ['administration:read'],
    answer: (context) =>
      page(context, guardsOf(context.repository).runners, runnerView, (list, total) => ({
        total_count: total,
        runners: list,
      })),
  },
  'GET /repos/{owner}/{repo}/branches/{branch}/protection': {
    needs: ['administration:read'],
    answer(context) {
      const strict = ofDefaultBranch(context)?.protection?.strict;
      if (strict === undefined) throw notFound();
      const checks = { url: '', strict, contexts: [], contexts_url: '', checks: [] };
      return ok({ required_status_checks: checks });
    },
  },
  'GET /repos/{owner}/{repo}/rules/branches/{branch}': {
    needs: ['contents:read'],
    open: true,
    answer(context) {
      const { strict, queue } = ofDefaultBranch(context)?.rules ?? {};
      const source = { ruleset_source_type: 'Repository', ruleset_source: context.repository.fullName, ruleset_id: 1 };
      const rules: Json[] = [
        ...(strict === undefined
          ? []
          : [
              {
                ...{ type: 'required_status_checks', ...source },
                parameters: { required_status_checks: [], strict_required_status_checks_policy: strict },
              },
            ]),
        ...(queue ? [{ type: 'merge_queue', ...source }] : []),
      ];
      return page(context, rules, (rule) => rule);
    },
  },
};

function ofDefaultBranch({ repository, params }: Context) {
  return params.branch === repository.defaultBranch ? guardsOf(repository) : undefined;
}

const sharedVariable = (name: string): Json => ({
  name,
  value: 'x',
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
});

const runnerView = ({ name, online }: { name: string; online: boolean }): Json => ({
  id: 1,
  name,
  os: 'linux',
  status: online ? 'online' : 'offline',
  busy: false,
  labels: [{ name: 'self-hosted', type: 'read-only' }],
});
