#pragma once

// The only place that knows which Catch2 this is: tests build with 2.13 and with 3.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
