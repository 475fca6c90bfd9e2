import { ImageRequest } from '../../contracts/image-request.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { FormatName } from '../../formats/format-name.ts'
import type { Ask } from '../ask.ts'
import { readFields } from '../parse-body.ts'
import { fixedAsk } from './fixed-ask.ts'
import { filesOf, textBytes } from './form-parts.ts'
import { imageUse } from './image-use.ts'
import { openaiMediaWire } from './openai-media.ts'
import type { Incoming, Wire } from './wire.ts'

function assertPrompt({ prompt }: ImageRequest): void {
  if (!prompt) throw new GatewayError('request_invalid', 'prompt: say what is to be made.', { param: 'prompt' })
}

function readGeneration(incoming: Incoming): Ask {
  const request = readFields(ImageRequest, incoming.raw)
  assertPrompt(request)
  const fixed = imageUse(request, { bytes: incoming.bytes, pictures: 0 })
  return fixedAsk(incoming, {
    format: 'openai-images',
    model: request.model,
    isStream: request.stream === true,
    fixed,
  })
}

function readForm(format: FormatName, incoming: Incoming): Ask {
  const request = readFields(ImageRequest, incoming.raw)
  const files = filesOf(incoming.form)
  if (!files.some(({ name }) => /^image(\[\d*\])?$/.test(name))) {
    throw new GatewayError('request_invalid', 'image: send one as a file.', { param: 'image' })
  }
  if (format === 'openai-image-edits') assertPrompt(request)
  const fixed = imageUse(request, { bytes: textBytes(incoming.form), pictures: files.length })
  return fixedAsk(incoming, { format, model: request.model, isStream: request.stream === true, fixed })
}

function formWire(format: FormatName): Wire {
  return { ...openaiMediaWire(format, incoming => readForm(format, incoming)), form: {} }
}

/** OpenAI's images that are made from a text. Source: OpenAI API reference, Images. */
export const openaiImagesWire = openaiMediaWire('openai-images', readGeneration)

/** OpenAI's images that are made from images and a text. Source: the same. */
export const openaiImageEditsWire = formWire('openai-image-edits')

/** OpenAI's images that are made like another. Source: the same. */
export const openaiImageVariationsWire = formWire('openai-image-variations')
