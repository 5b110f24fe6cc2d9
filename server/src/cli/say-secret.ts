/** The only time that a secret is shown. */
export function saySecret(secret: string | null): string {
  return `Secret: ${secret}\nStore it now: it is not shown again.`;
}
