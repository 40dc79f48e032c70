import type { Server } from 'node:http';

/** Where it listens; port 0 lets the system choose. @throws the system's own error (EADDRINUSE, EACCES …) */
export const listen = (
  server: Server,
  host: string,
  port: number,
): Promise<{ readonly host: string; readonly port: number }> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const bound = server.address();
      resolve({ host, port: typeof bound === 'object' && bound !== null ? bound.port : port });
    });
  });

/** Resolves when the last answer went out. */
export const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeIdleConnections();
  });
