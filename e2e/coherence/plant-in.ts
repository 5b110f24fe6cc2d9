import { join } from 'node:path';

/** The settings of nodes whose program is changed in one place: `file` under server/src, `from` as it stands, `to` instead. */
export function plantIn(file: string, from: string, to: string): Record<string, string> {
  return {
    NODE_OPTIONS: `--disable-warning=ExperimentalWarning --import=${join(import.meta.dirname, 'plant.ts')}`,
    KEYWRIGHT_TEST_PLANT: JSON.stringify([file, from, to]),
  };
}
