/**
 * Every bound of programmes, by name. docs/programmes.md §12 lists them with their reasons; a test keeps the two the
 * same.
 */

export const PROGRAMME_BYTES_MAX = 65_536
export const EVENT_BYTES_MAX = 8192
export const JSON_DEPTH_MAX = 16
export const EVENT_TYPES_MAX = 64
export const EVENT_FIELDS_MAX = 32
export const EVENT_LIST_MAX = 256
export const TEXT_BYTES_MAX = 1024
export const EVENT_ID_BYTES_MAX = 128
export const RULES_MAX = 256
export const CAPS_MAX = 16
export const STREAK_MAX = 366
export const LEVELS_MAX = 16
export const ROLLING_DAYS_MAX = 732
export const GRACE_DAYS_MAX = 366
export const RATIO_MAX = 1_000_000
export const EXPRESSION_BYTES_MAX = 1024
export const EXPRESSION_DEPTH_MAX = 16
export const EXPRESSION_BRACKETS_MAX = 32
export const EXPRESSION_COST_MAX = 65_536
export const EVENT_COST_MAX = 262_144
