import { ofApiKeys } from './of-api-keys.ts';
import { ofApis } from './of-apis.ts';
import { ofOtherNouns } from './of-other-nouns.ts';
import type { VerdictChange } from './verdict-change.ts';

/** Operations that change something, and no verdict: why not. */
const withoutEffect: Readonly<Record<string, string>> = {
  updateOrganization:
    'no answer to a verification has its name, and the brand begins only secrets made later',
  createTeam: 'teams say who may change keys, not which may pass',
  updateTeam: 'teams say who may change keys, not which may pass',
  deleteTeam: 'it may own no application, so that no key was its own',
  createApplication: 'it has no key yet',
  createProfile: 'no key has it yet',
  deleteProfile: 'it is refused while a key that may pass has it',
};

/** Of every operation that changes something: the changes of verdicts that it can make, or why it can make none. */
export const verdictChanges: Readonly<Record<string, readonly VerdictChange[] | string>> = {
  ...withoutEffect,
  ...Object.fromEntries(
    Object.entries({ ...ofApiKeys, ...ofApis, ...ofOtherNouns }).map(([operation, changes]) => [
      operation,
      Object.entries(changes).map(([what, prepare]) => ({ what: `${operation}: ${what}`, prepare })),
    ]),
  ),
};

/** All of them in one list, in the order of the table. */
export const everyVerdictChange: readonly VerdictChange[] = Object.values(verdictChanges).flatMap(
  (changes) => (typeof changes === 'string' ? [] : changes),
);

/** Of every command of the command line: the operation that it does the same as, or why it changes no verdict, or where it is shown. */
export const commandChanges: Readonly<
  Record<string, { as: string } | { never: string } | { shownIn: string }>
> = {
  serve: { never: 'it changes nothing but the version of the database, before it serves' },
  'organizations create': { never: 'it has no key yet' },
  'apis import': { as: 'importApi' },
  'apis list': { never: 'it reads' },
  'apis show': { never: 'it reads' },
  'apis delete': { as: 'deleteApi' },
  'applications create': { as: 'createApplication' },
  'applications list': { never: 'it reads' },
  'applications show': { never: 'it reads' },
  'applications delete': { as: 'deleteApplication' },
  'applications connect': { as: 'replaceConnections' },
  'applications disconnect': { as: 'replaceConnections' },
  'api-keys create': { as: 'createApiKey' },
  'api-keys list': { never: 'it reads' },
  'api-keys show': { never: 'it reads' },
  'api-keys disable': { as: 'disableApiKey' },
  'api-keys enable': { as: 'enableApiKey' },
  'api-keys revoke': { as: 'revokeApiKey' },
  'api-keys delete': { as: 'deleteApiKey' },
  'api-keys import': { as: 'importApiKeys' },
  'management-keys create': { as: 'createManagementKey' },
  'management-keys list': { never: 'it reads' },
  'management-keys revoke': { as: 'revokeManagementKey' },
  'audit verify': { never: 'it reads' },
  'audit head': { never: 'it reads' },
  'pepper rotate': { shownIn: 'e2e/coherence/peppers.test.ts' },
  'pepper retire': { shownIn: 'e2e/coherence/peppers.test.ts' },
  migrate: { never: 'it changes tables, no key' },
  doctor: { never: 'it reads' },
  backup: { never: 'it reads' },
  restore: { shownIn: 'server/test/cli/restore.test.ts' },
};
