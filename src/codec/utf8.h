/* UTF-8 as Unicode defines it: no surrogates, no overlong forms, nothing above U+10FFFF. NUL is a character. */
#ifndef CORACLE_CODEC_UTF8_H
#define CORACLE_CODEC_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

bool utf8_valid(struct slice s);
/* Writes one character, 1 to 4 bytes; 0 when c is none. */
size_t utf8_put(char *to, uint32_t c);

#endif
