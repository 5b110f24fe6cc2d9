import type { AuditAction } from './audit-actions.ts';

/** What verifiers must forget or learn: the row in the change log names it. */
export type SubjectKind =
  | 'organization'
  | 'team'
  | 'application'
  | 'api'
  | 'profile'
  | 'policy'
  | 'api_key'
  | 'management_key'
  | 'pepper'
  | 'installation';
export type Subject = { kind: SubjectKind; id: string };

/** One audit event: what was done to what. Only fields that changed; never a secret or a hash. */
export type EventDetail = {
  /** What was done, where it is not what the call as a whole does: deleting an application deletes its keys. */
  action?: AuditAction;
  target: { type: SubjectKind; id: string };
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
};

/**
 * What a verb hands to `transact`. A verb that changed something cannot leave out its events or its subjects: the type
 * asks for at least one of each.
 */
export type Change<Result> =
  | {
      changed: true;
      result: Result;
      events: readonly [EventDetail, ...EventDetail[]];
      subjects: readonly [Subject, ...Subject[]];
    }
  | { changed: false; result: Result };

/** One thing changed: one event about it, and verifiers hear of it. `also` names what else they must forget. */
export function changed<Result>(
  result: Result,
  detail: { target: Subject; before: Record<string, unknown> | null; after: Record<string, unknown> | null },
  also: readonly Subject[] = [],
): Change<Result> {
  return {
    changed: true,
    result,
    events: [
      {
        target: { type: detail.target.kind, id: detail.target.id },
        before: detail.before,
        after: detail.after,
      },
    ],
    subjects: [detail.target, ...also],
  };
}

/** Nothing needed changing: no event, but the caller still learns when every verifier has let go. */
export function unchanged<Result>(result: Result): Change<Result> {
  return { changed: false, result };
}

/** The fields in which two objects differ, as they were and as they are. */
export function difference(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): { before: Record<string, unknown>; after: Record<string, unknown> } | undefined {
  const names = Object.keys(after).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  if (names.length === 0) return undefined;
  return {
    before: Object.fromEntries(names.map((name) => [name, before[name]])),
    after: Object.fromEntries(names.map((name) => [name, after[name]])),
  };
}
