import { describe, expect, test } from 'vitest'
import { bodies, mapCsv, mapNdjson, refusal } from '../support/map-rows.ts'

const time = '2024-03-01T10:00:00Z'

describe("the dashboard's import CSV", () => {
  test('its headers are the identifiers they name', async () => {
    expect(bodies(await mapCsv('Appboy ID,plan\nb-1,gold\n'))).toEqual([{ braze_id: 'b-1', plan: 'gold' }])
    expect(bodies(await mapCsv('user_alias_name,user_alias_label,plan\nana,crm,gold\n'))).toEqual([
      { user_alias: { alias_name: 'ana', alias_label: 'crm' }, plan: 'gold' },
    ])
  })

  test('subscription_group_id and subscription_state are one group; one of them alone is an attribute', async () => {
    const header = 'external_id,subscription_state,subscription_group_id'
    const { objects } = await mapCsv(`${header}\n1,subscribed,0012\n2,,\n`)
    expect(objects.map(({ body }) => body['subscription_groups'])).toEqual([
      [{ subscription_state: 'subscribed', subscription_group_id: '0012' }],
      undefined,
    ])
    expect(bodies(await mapCsv('external_id,subscription_state\n1,subscribed\n'))).toEqual([
      { external_id: '1', subscription_state: 'subscribed' },
    ])
  })

  test('EVENT.properties.NAME is a property of that event alone, its type found over the whole file', async () => {
    const mapped = await mapCsv(
      `external_id,a.properties.n,b.c.properties.x.y,name,time\n1,5,,a,${time}\n2,,t,b.c,${time}\n3,,,z,${time}\n`,
    )
    expect(bodies(mapped).map(({ properties }) => properties)).toEqual([{ n: 5 }, { 'x.y': 't' }, undefined])
  })

  test('a cell that stands in a row of another event costs what the user says', async () => {
    const csv = `external_id,name,time,a.properties.n\n1,b,${time},5\n`
    const { objects } = await mapCsv(csv)
    expect(objects[0]?.problems).toMatchObject([
      {
        code: 'cell_misplaced',
        field: 'a.properties.n',
        message: '`a.properties.n` belongs to the event "a", but the event of the row is "b".',
      },
    ])
    const left = await mapCsv(csv, { onTypeError: 'field' })
    expect(left.objects[0]).toMatchObject({ problems: [], leftOut: [{ code: 'cell_misplaced' }] })
    expect((await refusal(() => mapCsv(csv, { onTypeError: 'stop' }))).code).toBe('cell_misplaced')
  })

  test('any other column is a property, where the user says that these are events', async () => {
    const csv = `external_id,name,time,city,properties.n\n1,a,${time},Porto,2\n`
    const [body] = bodies(await mapCsv(csv, { kind: 'events' }))
    expect(body?.['properties']).toEqual({ city: 'Porto', n: 2 })
    const guessed = await refusal(() => mapCsv(csv))
    expect(guessed.message).toContain('With --kind events it is a property.')
    const typo = await refusal(() => mapCsv(`external_id,name,Time\n1,a,${time}\n`, { kind: 'events' }))
    expect(typo).toMatchObject({
      code: 'column_misplaced',
      message: expect.stringContaining('`time`') as string,
    })
  })

  test('two columns of one property of two events do not collide', async () => {
    const mapped = await mapCsv(`external_id,name,time,a.properties.n,b.properties.n\n1,b,${time},,7\n`)
    expect(bodies(mapped)[0]?.['properties']).toEqual({ n: 7 })
  })
})

describe('rows of Cloud Data Ingestion', () => {
  const payload = (value: unknown) => JSON.stringify(value)

  test('of a table: identifier columns in any case, the payload, and nothing of UPDATED_AT', async () => {
    const cell = `"${payload({ n: 1, name: 'Rui' }).replaceAll('"', '""')}"`
    expect(bodies(await mapCsv(`Email,UPDATED_AT,Payload\na@x.org,2024-01-01,${cell}\n`))).toEqual([
      { email: 'a@x.org', n: 1, name: 'Rui' },
    ])
  })

  test('of lines of JSON, the payload as text or as an object', async () => {
    const lines = [
      { external_id: '1', payload: payload({ a: [1] }) },
      { EXTERNAL_ID: '2', PAYLOAD: { a: { b: null } } },
      { external_id: null, ALIAS_NAME: 'n', ALIAS_LABEL: 'l', payload: payload({ external: 1 }) },
    ]
    expect(bodies(await mapNdjson(lines))).toEqual([
      { external_id: '1', a: [1] },
      { external_id: '2', a: { b: null } },
      { user_alias: { alias_name: 'n', alias_label: 'l' }, external: 1 },
    ])
  })

  describe('as braze-inc/braze-examples shows them, in our own words,', () => {
    const visit = '2023-08-08T16:03:26.598806'
    const person = { name: 'Rui', age: 54, subscriber: true, retention: { vip: true }, last_visit: visit }
    const view = { app_id: 'app', name: 'view-206', time: '2024-04-02T14:34:08', properties: { n: 206 } }
    const buy = {
      app_id: 'app',
      product_id: 'product-11',
      currency: 'BSD',
      price: 8.511527858335066,
      time: '2024-04-02T14:34:08',
      quantity: 19,
      properties: { is_a_boolean: true },
    }

    test.each([
      ['attributes', person],
      ['events', view],
      ['purchases', buy],
    ] as const)('%s go out with every value as it was, from lines and from a table', async (kind, object) => {
      const lines = await mapNdjson([{ external_id: 's3-qa-0', payload: payload(object) }])
      const cell = `"${payload(object).replaceAll('"', '""')}"`
      for (const { objects } of [lines, await mapCsv(`external_id,payload\ns3-qa-0,${cell}\n`)]) {
        expect(objects).toMatchObject([{ kind, problems: [], body: { external_id: 's3-qa-0' } }])
        const { external_id: _, ...sent } = objects[0]?.body ?? {}
        const { time: _time, ...rest } = sent as { time?: string }
        const { time: _asked, ...asked } = object as { time?: string }
        expect(rest).toEqual(asked)
      }
    })

    test('the rows of a catalog are about no user, which is told before anything is sent', async () => {
      const told = await refusal(() => mapCsv('ID,PAYLOAD\n85,"{""product_name"": ""Box""}"\n'))
      expect(told).toMatchObject({ code: 'identifier_column_missing' })
    })
  })

  test('the kind is told by what the payload holds, unless the user says it', async () => {
    const event = { external_id: '1', payload: payload({ name: 'a', time }) }
    expect((await mapNdjson([event])).objects[0]?.kind).toBe('events')
    expect((await mapNdjson([event], { kind: 'attributes' })).objects[0]?.kind).toBe('attributes')
  })

  test.each([
    ['nothing', 'null', 'json_shape'],
    ['no JSON', '"{"', 'json_syntax'],
    ['a list', '"[1]"', 'json_shape'],
    ['a name twice', payload('{"a":1,"a":2}'), 'json_name_twice'],
    ['another user', payload('{"external_id":"2"}'), 'field_value'],
  ])('a payload of %s is one invalid row', async (_, text, code) => {
    const { objects } = await mapNdjson([`{"external_id":"1","payload":${text}}`])
    expect(objects).toMatchObject([{ problems: [{ code }] }])
  })

  test('a table with any other column, or with a mapping, is what its columns say', async () => {
    expect(bodies(await mapCsv('external_id,payload,city\n1,{},Porto\n'))).toEqual([
      { external_id: '1', payload: '{}', city: 'Porto' },
    ])
    const mapping = 'columns:\n  payload: { to: raw }\n'
    expect(bodies(await mapCsv('external_id,payload\n1,{}\n', { mapping }))).toEqual([
      { external_id: '1', raw: '{}' },
    ])
  })
})

describe('the answer of /users/export/ids', () => {
  test('gives an object a user, with what a request can write', async () => {
    const user = {
      external_id: 'a',
      braze_id: 'old',
      first_name: 'Ana',
      last_coordinates: [-9.1, 38.7],
      custom_attributes: { plan: 'gold', gone: null, ['__proto__']: 1 },
      push_tokens: [{ token: 't' }],
      random_bucket: 12,
      devices: [],
    }
    const answer = {
      message: 'success',
      users: [user, { ...user, external_id: 'b' }],
      invalid_user_ids: ['c'],
    }
    const mapped = await mapNdjson([answer])
    expect(bodies(mapped).map(body => JSON.stringify(body))).toEqual(
      ['a', 'b'].map(
        id =>
          `{"external_id":"${id}","first_name":"Ana","current_location":{"longitude":-9.1,"latitude":38.7},"plan":"gold","__proto__":1}`,
      ),
    )
    expect(mapped.objects[0]).toMatchObject({
      part: 1,
      leftOut: [
        { code: 'export_not_writable', came: 'braze_id, push_tokens, random_bucket', row: 1, line: 1 },
      ],
    })
    expect(JSON.parse(Buffer.from(mapped.objects[1]?.raw ?? []).toString())).toMatchObject({
      attributes: [{ external_id: 'b' }],
    })
  })

  test('a user a line is read, too', async () => {
    const lines = [
      { external_id: 'a', custom_attributes: {} },
      { external_id: 'b', apps: [{ name: 'x' }] },
    ]
    expect(bodies(await mapNdjson(lines))).toEqual([{ external_id: 'a' }, { external_id: 'b' }])
  })

  test('a user of an alias alone is made, unless only users that exist are to be updated', async () => {
    const user = { user_aliases: [{ alias_name: 'n', alias_label: 'l' }], custom_attributes: { a: 1 } }
    const user_alias = { alias_name: 'n', alias_label: 'l' }
    expect(bodies(await mapNdjson([user]))).toEqual([{ user_alias, _update_existing_only: false, a: 1 }])
    expect(bodies(await mapNdjson([user], { updateExistingOnly: true }))).toEqual([
      { user_alias, _update_existing_only: true, a: 1 },
    ])
  })

  test('a custom attribute that bears the name of a field is told, not sent as that field', async () => {
    const { objects } = await mapNdjson([
      { external_id: 'a', custom_attributes: { email: 'x', bio: 'y', b: 1 } },
    ])
    expect(objects[0]).toMatchObject({
      body: { external_id: 'a', b: 1 },
      leftOut: [{ came: 'custom_attributes.email, custom_attributes.bio' }],
    })
  })

  test('an answer without users is one invalid row', async () => {
    expect((await mapNdjson([{ users: [], message: 'success' }])).objects).toMatchObject([
      { problems: [{ code: 'json_shape' }] },
    ])
  })

  test('an attribute called users beside others is an attribute', async () => {
    expect(bodies(await mapNdjson([{ external_id: 'a', users: [{ n: 1 }] }]))).toEqual([
      { external_id: 'a', users: [{ n: 1 }] },
    ])
  })
})
