import type { CurrentApi } from './import-plan.ts';
import type { OpenApiReading, ReadEndpoint, ReadScope } from './openapi-reading.ts';
import { renameTakenScopes } from './rename-taken-scopes.ts';

export type DecidedScopes = {
  scopes: ReadScope[];
  /** Proposed scopes that join the list if a new endpoint asks for them. */
  scopesIfAsked: ReadScope[];
  renamed: { from: string; to: string }[];
  notes: string[];
  scopesOfNew: (endpoint: ReadEndpoint) => string[];
  scopesOfStored: (endpoint: ReadEndpoint, stored: readonly string[]) => string[];
};

/**
 * Which scopes an API has after an import. What a document declares replaces what was there. A document that declares none has no
 * opinion: an API that has scopes then keeps them, and what its endpoints ask for, or importing again would silently open
 * endpoints that were restricted by hand. New endpoints ask for the proposed scopes.
 */
export function decideScopes(
  current: CurrentApi | null,
  reading: OpenApiReading,
  taken: ReadonlySet<string>,
  slug: string,
): DecidedScopes {
  const before = new Map((current?.scopes ?? []).map((scope) => [scope.name, scope]));
  const names = reading.scopes.map((scope) => scope.name);
  const renamed = renameTakenScopes(names, new Set(before.keys()), taken, slug);
  const nameOf = (name: string): string => renamed.get(name) ?? name;
  const scopesOf = (endpoint: ReadEndpoint): string[] => endpoint.scopes.map(nameOf).sort();
  const read = reading.scopes.map((scope) => ({
    ...scope,
    name: nameOf(scope.name),
    description: scope.description || (before.get(nameOf(scope.name))?.description ?? ''),
  }));
  const renames = [...renamed].map(([from, to]) => ({ from, to }));
  const renameNotes = renames.map(
    ({ from, to }) => `Another API of the organization has the scope ${from}, so here it is called ${to}.`,
  );

  if (reading.scopesFrom === 'document' || before.size === 0) {
    const kept = new Set(read.map((scope) => scope.name));
    const gone = [...before.keys()].filter((name) => !kept.has(name));
    const goneNotes =
      gone.length > 0 ? [`Scopes that the document no longer declares are removed: ${gone.join(', ')}.`] : [];
    return {
      scopes: read,
      scopesIfAsked: [],
      renamed: renames,
      notes: [...renameNotes, ...goneNotes],
      scopesOfNew: scopesOf,
      scopesOfStored: scopesOf,
    };
  }
  return {
    scopes: [...before.values()],
    scopesIfAsked: read.filter((scope) => !before.has(scope.name)),
    renamed: renames,
    notes: [
      ...renameNotes,
      `The API has scopes already: they stay, and so does what its endpoints ask for. New endpoints ask for ${reading.scopesFrom === 'proposal' ? 'the proposed ones' : 'none'}.`,
    ],
    scopesOfNew: scopesOf,
    scopesOfStored: (_endpoint, stored) => [...stored],
  };
}
