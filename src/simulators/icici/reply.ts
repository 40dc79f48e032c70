import type { SimulatedReply } from '../core/fault-server';

/** A good answer in the broker's envelope. */
export const ok = (success: unknown): SimulatedReply => ({
  status: 200,
  body: { Success: success, Status: 200, Error: null },
});

/** A refusal of its business: HTTP 200 with a status of its own inside. */
export const failed = (error: string, status = 500): SimulatedReply => ({
  status: 200,
  body: { Success: null, Status: status, Error: error },
});

/** What the front of the broker says to a bad signature or a caller that is too fast; without `Success`. */
export const denied = (error: string, status = 401): SimulatedReply => ({
  status,
  body: { Status: 5, Error: error },
});

/** A page of what stands in front of the broker. */
export const page = (status: number, title: string): SimulatedReply => ({
  status,
  contentType: 'text/html',
  body: `<html><head><title>${status} ${title}</title></head><body><center><h1>${status} ${title}</h1></center><hr><center>nginx</center></body></html>`,
});

/** The answer of a server whose own code threw. */
export const exception = (): SimulatedReply => ({
  status: 500,
  body: {
    Message: 'An error has occurred.',
    ExceptionMessage: 'Object reference not set to an instance of an object.',
    ExceptionType: 'System.NullReferenceException',
    StackTrace: '   at Simulated.Controller.Handle()',
  },
});
