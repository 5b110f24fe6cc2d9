import { isAllowed } from '../../server/test/verdict-changes/verdict-change.ts';

/** What a question is answered with from a change on; instants are milliseconds of one monotonic clock, the driver's. */
type State = { verdict: string; begunAt: number; returnedAt: number };

/** What is known of the answer to one question: the states that it went through, and when. */
export type History = { states: State[] };

export type Finding = 'right' | 'allowed after return' | 'refused after return' | 'wrong otherwise';

/** `verdict` null: whatever is answered before a change has begun cannot be asked. */
export function beginHistory(verdict: string | null): History {
  return { states: verdict === null ? [] : [{ verdict, begunAt: -Infinity, returnedAt: -Infinity }] };
}

/** A change was sent: from now on its effect may be seen. Returns what is to be called when its call has returned. */
export function beginChange(history: History, verdict: string, at: number): (at: number) => void {
  const state = { verdict, begunAt: at, returnedAt: Infinity };
  history.states.push(state);
  return (returnedAt) => {
    state.returnedAt = returnedAt;
  };
}

/** The verdicts that are right for a question sent and answered at these instants, by happened-before alone. */
export function rightVerdicts({ states }: History, sentAt: number, answeredAt: number): string[] {
  return states
    .filter((state, index) => {
      const isOver = states.slice(index + 1).some((later) => later.returnedAt < sentAt);
      return !isOver && state.begunAt <= answeredAt;
    })
    .map((state) => state.verdict);
}

export function judge(history: History, verdict: string, sentAt: number, answeredAt: number): Finding {
  const right = rightVerdicts(history, sentAt, answeredAt);
  if (right.includes(verdict)) return 'right';
  if (isAllowed(verdict) && !right.some(isAllowed)) return 'allowed after return';
  if (!isAllowed(verdict) && right.every(isAllowed)) return 'refused after return';
  return 'wrong otherwise';
}
