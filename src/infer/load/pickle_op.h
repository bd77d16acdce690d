/* The functions behind the opcodes, one a row of pickle_table.h (some serve several rows). */
#ifndef CORACLE_INFER_LOAD_PICKLE_OP_H
#define CORACLE_INFER_LOAD_PICKLE_OP_H

#include "infer/load/pickle.h"

#define PICKLE_OP(code, name, arg, run) int run(struct pickle *p, const struct pickle_operand *operand);
#include "infer/load/pickle_table.h"
#undef PICKLE_OP

#define OP(name) int name(struct pickle *p, const struct pickle_operand *arg)
#define OP_PLAIN(name) int name(struct pickle *p, __attribute__((unused)) const struct pickle_operand *arg)

#endif
