/*
 * Characters as Python's str and re see them, on utf8proc's tables (Unicode 15.0, as Python 3.12; other versions differ
 * in characters that one of them does not know yet).
 *
 * Text is UTF-8. A byte that is no UTF-8 is read as U+FFFD, one byte long: nothing here trusts its input.
 */
#ifndef CORACLE_INFER_TEXT_UNICODE_H
#define CORACLE_INFER_TEXT_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UTF8_BYTES_MAX = 4, LOWER_BYTES_MAX = 8 };

/* The character at p (n > 0 bytes are left) and its length. */
uint32_t utf8_read(const uint8_t *p, size_t n, size_t *bytes);
/* Writes 1 to 4 bytes. */
size_t utf8_write(uint32_t c, uint8_t *to);
/* Number of characters. */
size_t utf8_count(const uint8_t *p, size_t n);

/* re's \w for str: str.isalnum() or '_'. */
bool unicode_word(uint32_t c);
/* re's \s for str: str.isspace(). */
bool unicode_space(uint32_t c);
/* str.lower() of the character at `at` of the whole text, which decides a final sigma. Writes at most LOWER_BYTES_MAX
 * bytes; `bytes` is the length of what was read. */
size_t unicode_lower(const uint8_t *text, size_t n, size_t at, size_t *bytes, uint8_t *to);
/* unicodedata.combining(c) is not 0. */
bool unicode_combining(uint32_t c);

#endif
