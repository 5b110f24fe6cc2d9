import type { Server } from 'node:http';

/** Where to listen, and the names of the settings that say so, for whoever has to change them. */
export type ListenAddress = { host: string; port: number; hostSetting: string; portSetting: string };

/** @throws Error that says why this address cannot be listened on, and which setting to change. */
export function bind(server: Server, at: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new Error(explain(error, at))));
    server.listen(at.port, at.host, resolve);
  });
}

function explain(error: NodeJS.ErrnoException, { host, port, hostSetting, portSetting }: ListenAddress) {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is taken: another program, perhaps another Keywright, listens there. Stop it, or set ${portSetting} to a port that is free.`;
    case 'EACCES':
      return `Port ${port} on ${host} may not be used by this user. Set ${portSetting} to 1024 or more, or give the program the right to it (CAP_NET_BIND_SERVICE).`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${host} is no address of this machine (${error.code}). Set ${hostSetting} to one that is.`;
    default:
      return `Cannot listen on port ${port} of ${host} (${error.code ?? error.message}). Look at ${hostSetting} and ${portSetting}.`;
  }
}
