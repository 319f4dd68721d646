/** An identity that cannot be used under the channel's MSPs; the message says why. */
export class MspError extends Error {
  override readonly name = 'MspError';
}
