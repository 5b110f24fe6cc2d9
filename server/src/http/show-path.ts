import { dialectPaths } from './forward-auth/dialects.ts';
import { allRoutes } from './routes/all-routes.ts';

const paths = [...allRoutes.map((route) => route.path), ...dialectPaths];
const words = new Set(paths.flatMap((path) => path.split('/')));
/** An id of ours: no secret has this form. */
const id = /^[a-z]{2,8}_[0-7][0-9a-hjkmnp-tv-z]{25}$/;

/** A path as errors may repeat it: our own words and ids, and `-` for what else a client wrote there, which may be a secret. */
export function showPath(path: string): string {
  return path
    .split('/')
    .map((part) => (words.has(part) || id.test(part) ? part : '-'))
    .join('/')
    .slice(0, 200);
}
