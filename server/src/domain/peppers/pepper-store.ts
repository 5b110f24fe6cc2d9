import type { PepperFile } from '../../lib/pepper-file.ts';

/** Where the peppers of this machine are kept: the pepper file, or what is to be put into the environment. */
export type PepperStore = {
  read: () => PepperFile;
  /** Writes whole or not at all. */
  write: (file: PepperFile) => void;
};
