// Imported before anything else, in syntax that every Node with modules reads.
import { startingNodeFault } from './node-version.mjs';

var fault = startingNodeFault(process.version);
if (fault !== null) {
  process.stderr.write(fault + '\n');
  process.exit(1);
}
