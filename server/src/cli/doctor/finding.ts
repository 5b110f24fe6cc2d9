/** One thing that the doctor looked at. `hint`: worth knowing, nothing is wrong. */
export type Finding = {
  check: 'settings' | 'database' | 'disk' | 'peppers' | 'clock' | 'api' | 'gateway';
  status: 'ok' | 'hint' | 'wrong';
  what: string;
  /** How to mend it. */
  remedy: string | null;
};

type Check = Finding['check'];

export function ok(check: Check, what: string): Finding {
  return { check, status: 'ok', what, remedy: null };
}

export function hint(check: Check, what: string, remedy: string): Finding {
  return { check, status: 'hint', what, remedy };
}

export function wrong(check: Check, what: string, remedy: string): Finding {
  return { check, status: 'wrong', what, remedy };
}
