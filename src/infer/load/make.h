/*
 * Constructors of values that a pickle builds by "calling" an allowed name: rows of allow_table.h point here.
 * `what` is the row, `args` the tuple of arguments. Errors as pickle.h's.
 */
#ifndef CORACLE_INFER_LOAD_MAKE_H
#define CORACLE_INFER_LOAD_MAKE_H

#include "infer/load/pickle.h"

#define MAKER(name) int name(struct pickle *p, const struct allowed *what, struct py *args, struct py **out)

/* make_builtin.c */
MAKER(make_set);   /* set, frozenset: one sequence, or nothing */
MAKER(make_list);
MAKER(make_tuple);
MAKER(make_dict);
MAKER(make_bytes); /* bytes, bytearray: nothing, bytes, or text with an encoding */
MAKER(make_reconstructed); /* copyreg._reconstructor(cls, base, state) */
MAKER(make_newobj);	   /* copyreg.__newobj__(cls, *args) */
MAKER(make_encoded);	   /* _codecs.encode(text, "latin1"): how protocols below 3 write bytes */
MAKER(make_cython);	   /* __pyx_unpickle_X(cls, checksum, state) */
MAKER(make_newobj_cython); /* newObj(cls) */

/* make_numpy.c */
MAKER(make_dtype_object); /* dtype("f8", align, copy) */
MAKER(make_array);	  /* _reconstruct(ndarray, (0,), b"b"): filled by BUILD */
MAKER(make_masked);	  /* _mareconstruct(...): opaque */
MAKER(make_scalar);	  /* scalar(dtype, bytes) */
MAKER(make_frombuffer);	  /* _frombuffer(bytes, dtype, shape, order) */
MAKER(make_ufunc);	  /* _ufunc_reconstruct("numpy", "log1p") */
MAKER(make_index);	  /* pandas' _new_Index(Index, {"data": array, …}): the array; of a range: PY_OBJECT */

#endif
