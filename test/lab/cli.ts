import { inspect } from 'node:util';
import { labDown, labUp } from './lab.ts';

const started = Date.now();
const seconds = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
if (process.argv[2] === 'up') {
  const lab = await labUp();
  console.log(inspect(lab, { depth: 5 }), seconds());
} else {
  console.log(await labDown(), seconds());
}
