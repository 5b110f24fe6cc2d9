import { setTimeout as pause } from 'node:timers/promises';
import { must, plainKey, ask as questionOf } from '../../server/test/verdict-changes/verdict-change.ts';
import { ask, type Drive, type Subject } from './drive-context.ts';
import { beginChange, beginHistory } from './history.ts';
import { ofFault } from './tally.ts';

/** A key that is switched off and on again and again. */
export type Toggled = Subject & { id: string; isOn: boolean; isBusy: boolean };

export async function issueKeys(drive: Drive, count: number): Promise<Toggled[]> {
  const keys: Toggled[] = [];
  for (let n = 0; n < count; n++) {
    const { id, secret } = await plainKey(drive.world);
    const history = beginHistory('allowed');
    keys.push({
      what: `key ${n}`,
      question: questionOf(secret),
      show: undefined,
      history,
      id,
      isOn: true,
      isBusy: false,
    });
  }
  return keys;
}

export async function everyNodeHasDecided(drive: Drive, subject: Subject): Promise<void> {
  await Promise.all(
    drive.lanes.map(async (lane) => {
      const started = performance.now();
      while ((await ask(drive, lane, subject)) === undefined) {
        if (performance.now() - started > 20_000) throw new Error(`${lane.name} decides nothing.`);
        await pause(20);
      }
    }),
  );
}

/** Switches the key off or on at a random node that nothing strikes. @returns milliseconds. */
export async function toggle(drive: Drive, key: Toggled): Promise<number> {
  key.isBusy = true;
  const [verb, verdict] = key.isOn ? (['disable', 'inactive'] as const) : (['enable', 'allowed'] as const);
  const begun = performance.now();
  // Only what can still be asked for need be known.
  key.history.states.splice(0, key.history.states.length - 4);
  const returned = beginChange(key.history, verdict, begun);
  for (;;) {
    try {
      await must(drive.world, { method: 'POST', path: `/v1/api-keys/${key.id}/${verb}` });
      break;
    } catch (error) {
      ofFault(drive.tally, drive.fault).repeated += 1;
      if (performance.now() - begun > 30_000) throw error;
      await pause(50);
    }
  }
  const at = performance.now();
  returned(at);
  key.isOn = !key.isOn;
  key.isBusy = false;
  const tally = ofFault(drive.tally, drive.fault);
  tally.changes += 1;
  tally.returned.push(at - begun);
  return at - begun;
}
