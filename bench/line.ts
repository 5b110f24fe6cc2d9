/** One figure of the table. */
export type Line = {
  what: string;
  figure: string;
  /** What it has to be, in words; absent where nothing is promised. */
  target?: string;
  met?: boolean;
};

export type Part = { title: string; about: string; header: string; lines: Line[] };
