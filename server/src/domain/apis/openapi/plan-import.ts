import { compileTemplate } from '../../../lib/path-template.ts';
import { AppError } from '../../errors.ts';
import { decideScopes } from './decide-scopes.ts';
import type { CurrentApi, ImportPlan } from './import-plan.ts';
import type { OpenApiReading, ReadEndpoint } from './openapi-reading.ts';
import { quoteForMessage } from './quote-for-message.ts';

/**
 * Compares a document with the API as it is. Endpoints are the same if their method and the shape of their path are: templates
 * that differ only in the names of parameters keep their id, and connections to them live on. Planning again after the plan
 * was carried out finds nothing to do.
 *
 * @param taken names of the scopes of the organization's other APIs
 * @throws AppError `invalid_document` for two endpoints that are the same, or a scope that cannot be renamed
 */
export function planImport(
  current: CurrentApi | null,
  reading: OpenApiReading,
  taken: ReadonlySet<string>,
  slug: string,
): ImportPlan {
  const read = byIdentity(reading.endpoints);
  const stored = new Map((current?.endpoints ?? []).map((endpoint) => [identityOf(endpoint), endpoint]));
  const decided = decideScopes(current, reading, taken, slug);

  const plan: ImportPlan = {
    scopes: decided.scopes,
    add: [],
    change: [],
    remove: [],
    keep: 0,
    report: {
      added: [],
      changed: [],
      removed: [],
      renamedScopes: decided.renamed,
      notes: [...reading.notes, ...decided.notes],
    },
  };
  for (const [identity, endpoint] of read) {
    const { method, path } = endpoint;
    const before = stored.get(identity);
    if (before === undefined) {
      plan.add.push({ method, path, scopes: decided.scopesOfNew(endpoint) });
      plan.report.added.push({ method, path });
      continue;
    }
    const scopes = decided.scopesOfStored(endpoint, before.scopes);
    const what = describeChange(before, { path, scopes });
    if (what === '') plan.keep += 1;
    else {
      plan.change.push({ id: before.id, method, path, scopes });
      plan.report.changed.push({ method, path, what });
    }
  }
  const askedByNew = new Set(plan.add.flatMap((endpoint) => endpoint.scopes));
  plan.scopes.push(...decided.scopesIfAsked.filter((scope) => askedByNew.has(scope.name)));
  for (const [identity, { id, method, path }] of stored) {
    if (read.has(identity)) continue;
    plan.remove.push({ id, method, path });
    plan.report.removed.push({ method, path });
  }
  return plan;
}

function identityOf({ method, path }: { method: string; path: string }): string {
  const compiled = compileTemplate(path);
  return `${method} ${compiled.ok ? compiled.template.shape : path}`;
}

function byIdentity(endpoints: readonly ReadEndpoint[]): Map<string, ReadEndpoint> {
  const found = new Map<string, ReadEndpoint>();
  for (const endpoint of endpoints) {
    const identity = identityOf(endpoint);
    const other = found.get(identity);
    if (other !== undefined) {
      const both = [other, endpoint]
        .map(({ method, path }) => `${method} ${quoteForMessage(path)}`)
        .join(' and ');
      const message = `${both} are the same endpoint: their paths differ only in the names of parameters or in their spelling. Remove one of them from the document.`;
      throw new AppError('invalid_document', message, { fields: [{ pointer: '/document/paths', message }] });
    }
    found.set(identity, endpoint);
  }
  return found;
}

function describeChange(
  before: { path: string; scopes: readonly string[] },
  after: { path: string; scopes: readonly string[] },
): string {
  const changes: string[] = [];
  if (before.path !== after.path) changes.push(`its path was ${before.path}`);
  const [old, now] = [before.scopes, after.scopes].map(listScopes);
  if (old !== now) changes.push(`it asks for ${now} instead of ${old}`);
  return changes.join('; ');
}

function listScopes(scopes: readonly string[]): string {
  return scopes.length === 0 ? 'no scope' : [...scopes].sort().join(', ');
}
