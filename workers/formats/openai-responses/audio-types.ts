/** The media types of the sounds that this wire takes, by the names it has for them. */
export const AUDIO_TYPES = { mp3: 'audio/mpeg', wav: 'audio/wav' } as const

const FORMATS: Record<string, keyof typeof AUDIO_TYPES> = {
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/wav': 'wav',
  'audio/wave': 'wav',
  'audio/x-wav': 'wav',
}

/** This wire's name for a media type; `undefined` for a sound that it does not take. */
export function audioFormat(mediaType: string): keyof typeof AUDIO_TYPES | undefined {
  return Object.hasOwn(FORMATS, mediaType) ? FORMATS[mediaType] : undefined
}
