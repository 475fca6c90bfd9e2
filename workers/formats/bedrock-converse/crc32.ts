const POLYNOMIAL = 0xedb88320

function tableEntry(byte: number): number {
  let crc = byte
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
  return crc
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => tableEntry(byte))

/** The CRC-32 of gzip (RFC 1952 section 8), unsigned. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] ?? 0)
  return (crc ^ 0xffffffff) >>> 0
}
