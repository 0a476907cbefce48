// zlib as Swift sees it: with pointers to input that is not written to.
#ifndef CZLIB_H
#define CZLIB_H

#define ZLIB_CONST
#include <zlib.h>

#endif
