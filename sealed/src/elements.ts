/** Reading of scalars and points that come from outside (TSEAL-V1 section 1). */
import { demand } from './codes';
import { isPoint, isScalar, isZero } from './group';

/** @throws {SealError} SCALAR unless the scalar is from 1 to the order less one */
export function checkScalar(scalar: Uint8Array, item: string): void {
  demand(isScalar(scalar), 'SCALAR', item);
}

/** @throws {SealError} POINT unless it decodes, then IDENTITY if it is the identity */
export function checkPoint(point: Uint8Array, item: string): void {
  demand(isPoint(point), 'POINT', item);
  demand(!isZero(point), 'IDENTITY', item);
}
