/* The 318 words of scikit-learn's stop_words="english", which a pickle keeps as that string only. The list is the same
 * in every release from 0.20 on. */
#ifndef CORACLE_INFER_TEXT_STOPWORDS_H
#define CORACLE_INFER_TEXT_STOPWORDS_H

#include <stddef.h>

enum { STOPWORDS_ENGLISH = 318 };

extern const char stopwords_english[STOPWORDS_ENGLISH][16];

#endif
