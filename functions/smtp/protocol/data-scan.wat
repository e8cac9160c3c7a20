;; Reads one segment of DATA, 32 octets at a time, at the same cost whatever they are: it branches for what is rare
;; alone. A mask has a bit for each octet of a window: those that are read now in its high half, the 32 before them in
;; its low one. Every question is about an octet and those before it, so it does not matter where segments were cut.
;;
;; Memory, as data-decoder.ts knows it too. What a message carries from segment to segment:
;;    0 i64  mask of CR                         32 i32  octets of the line that is open
;;    8 i64  mask of the LF of a CRLF           36 i32  Received fields in the header
;;   16 i64  mask of dots that start a line     40 i32  1 once there was a bare CR, a bare LF or a NUL
;;   24 i64  mask of where a line's text        44 i32  1 once there was a line of more octets than 56 says
;;           starts: behind such a dot          48 i32  1 once the header is over
;;  120      the last eight octets              52 i32  1 where a dot is but a dot
;;                                              56 i32  how many octets a line may have
;; What came of the segment:
;;   60 i32  how much of it was read            64 i32  1 where the end of data stands there
;;   68 i32  octets of the message in it        72 i32  how many of these are the segment's first, in one piece
;;  128      the segment, up to 64 KiB     0x20000      octets of the message, with a margin of one block
(module
  (memory (export "memory") 4)

  (func (export "scan") (param $octets i32)
    (local $in i32) (local $end i32) (local $isEnd i32) (local $size i32) (local $valid i64)
    (local $out i32) (local $lineStart i32) (local $whole i32)
    (local $low v128) (local $high v128) (local $cr i64) (local $lf i64) (local $crlf i64) (local $crlfs i64)
    (local $dot i64) (local $dots i64) (local $name i64) (local $bare i64) (local $left i64) (local $at i32)
    (local $from i32) (local $to i32)

    (local.set $cr (i64.load (i32.const 0)))
    (local.set $crlf (i64.load (i32.const 8)))
    (local.set $dot (i64.load (i32.const 16)))
    (local.set $name (i64.load (i32.const 24)))
    (local.set $in (i32.const 128))
    (local.set $end (i32.add (local.get $in) (local.get $octets)))
    (local.set $out (i32.const 0x20000))
    (local.set $lineStart (i32.sub (local.get $out) (i32.load (i32.const 32))))
    (local.set $whole (local.get $octets))
    ;; The last block is filled up with octets that mean nothing.
    (v128.store (local.get $end) (v128.const i64x2 -1 -1))
    (v128.store offset=16 (local.get $end) (v128.const i64x2 -1 -1))
    (if (call $isHeld (local.get $cr) (local.get $dot))
      (then
        (i32.store8 (local.get $out) (i32.const 0x0d))
        (local.set $out (i32.add (local.get $out) (i32.const 1)))
        (local.set $whole (i32.const 0))))

    (loop $blocks
      (local.set $size (i32.sub (local.get $end) (local.get $in)))
      (local.set $size (select (local.get $size) (i32.const 32) (i32.lt_u (local.get $size) (i32.const 32))))
      (local.set $valid
        (i64.and
          (i64.shr_u (i64.const -1) (i64.extend_i32_u (i32.sub (i32.const 32) (local.get $size))))
          (i64.const 0xffffffff00000000)))
      (local.set $low (v128.load (local.get $in)))
      (local.set $high (v128.load offset=16 (local.get $in)))

      (local.set $cr
        (i64.or (local.get $cr) (call $find (local.get $low) (local.get $high) (i8x16.splat (i32.const 0x0d)))))
      (local.set $lf (call $find (local.get $low) (local.get $high) (i8x16.splat (i32.const 0x0a))))
      (local.set $crlfs (i64.and (local.get $lf) (i64.shl (local.get $cr) (i64.const 1))))
      (local.set $crlf (i64.or (local.get $crlf) (local.get $crlfs)))
      (local.set $dots
        (i64.and
          (i64.and
            (call $find (local.get $low) (local.get $high) (i8x16.splat (i32.const 0x2e)))
            (i64.shl (local.get $crlf) (i64.const 1)))
          (i64.sub (i64.load32_u (i32.const 52)) (i64.const 1))))
      (local.set $dot (i64.or (local.get $dot) (local.get $dots)))

      ;; The end of data: a CRLF behind a dot that starts a line, and that is behind a CRLF (RFC 5321 §4.1.1.4).
      (local.set $left (i64.and (local.get $crlfs) (i64.shl (local.get $dot) (i64.const 2))))
      (if (i64.ne (local.get $left) (i64.const 0))
        (then
          (local.set $isEnd (i32.const 1))
          (local.set $size (i32.add (call $first (local.get $left)) (i32.const 1)))
          (local.set $end (i32.add (local.get $in) (local.get $size)))
          (local.set $valid (i64.and (local.get $valid) (call $upToFirst (local.get $left))))
          (local.set $dots (i64.and (local.get $dots) (local.get $valid)))
          (local.set $crlfs (i64.and (local.get $crlfs) (local.get $valid)))))

      (local.set $bare
        (i64.or
          (local.get $bare)
          (i64.and
            (local.get $valid)
            (i64.or
              (i64.xor (local.get $lf) (i64.shl (local.get $cr) (i64.const 1)))
              (call $find (local.get $low) (local.get $high) (v128.const i64x2 0 0))))))

      (local.set $name
        (i64.or
          (local.get $name)
          (i64.and
            (local.get $valid)
            (i64.or
              (i64.and (i64.shl (local.get $crlf) (i64.const 1)) (i64.xor (local.get $dots) (i64.const -1)))
              (i64.shl (local.get $dot) (i64.const 1))))))
      (if (i32.eqz (i32.load (i32.const 48)))
        (then
          (call $readHeader
            (local.get $in)
            ;; A colon where "received:" has it, and the LF of a line without text.
            (i64.and
              (i64.and
                (call $find (local.get $low) (local.get $high) (i8x16.splat (i32.const 0x3a)))
                (i64.shl (local.get $name) (i64.const 8)))
              (local.get $valid))
            (i64.and (local.get $crlfs) (i64.shl (local.get $name) (i64.const 1))))))

      ;; Of the lines that end in one block only the first can be long.
      (if (i64.ne (local.get $crlfs) (i64.const 0))
        (then
          (local.set $at
            (call $behind (local.get $out) (local.get $dots) (call $first (local.get $crlfs))))
          (if (i32.gt_s (i32.sub (local.get $at) (local.get $lineStart)) (i32.load (i32.const 56)))
            (then (i32.store (i32.const 44) (i32.const 1))))
          (local.set $lineStart
            (call $behind
              (local.get $out)
              (local.get $dots)
              (i32.sub (i32.const 31) (i32.wrap_i64 (i64.clz (local.get $crlfs))))))))

      (v128.store (local.get $out) (local.get $low))
      (v128.store offset=16 (local.get $out) (local.get $high))
      ;; What stands behind each dot moves up by one more.
      (if (i64.ne (local.get $dots) (i64.const 0))
        (then
          (local.set $left (local.get $dots))
          (local.set $at (i32.sub (i32.add (local.get $in) (call $first (local.get $left))) (i32.const 128)))
          (local.set $whole
            (select (local.get $at) (local.get $whole) (i32.lt_u (local.get $at) (local.get $whole))))
          (local.set $at (local.get $out))
          (loop $moves
            (local.set $from (call $first (local.get $left)))
            (local.set $to (i32.add (local.get $at) (local.get $from)))
            (local.set $from (i32.add (local.get $in) (local.get $from)))
            (v128.store (local.get $to) (v128.load offset=1 (local.get $from)))
            (v128.store offset=16 (local.get $to) (v128.load offset=17 (local.get $from)))
            (local.set $at (i32.sub (local.get $at) (i32.const 1)))
            (local.set $left (i64.and (local.get $left) (i64.sub (local.get $left) (i64.const 1))))
            (br_if $moves (i64.ne (local.get $left) (i64.const 0))))))
      (local.set $out
        (call $behind (local.get $out) (local.get $dots) (i32.sub (local.get $size) (i32.const 1))))

      (local.set $left (i64.extend_i32_u (local.get $size)))
      (local.set $cr (i64.shr_u (local.get $cr) (local.get $left)))
      (local.set $crlf (i64.shr_u (local.get $crlf) (local.get $left)))
      (local.set $dot (i64.shr_u (local.get $dot) (local.get $left)))
      (local.set $name (i64.shr_u (local.get $name) (local.get $left)))
      (local.set $in (i32.add (local.get $in) (local.get $size)))
      (br_if $blocks (i32.lt_u (local.get $in) (local.get $end))))

    ;; Neither the CRLF of the end is the message's, nor is, as yet, a CR that may be.
    (local.set $out
      (i32.sub
        (local.get $out)
        (select (i32.const 2) (call $isHeld (local.get $cr) (local.get $dot)) (local.get $isEnd))))
    (i64.store (i32.const 0) (local.get $cr))
    (i64.store (i32.const 8) (local.get $crlf))
    (i64.store (i32.const 16) (local.get $dot))
    (i64.store (i32.const 24) (local.get $name))
    ;; A line may be as long as a message, and the count of its octets must not overflow.
    (local.set $at (i32.sub (local.get $out) (local.get $lineStart)))
    (i32.store
      (i32.const 32)
      (select (local.get $at) (i32.const 0x10000) (i32.lt_s (local.get $at) (i32.const 0x10000))))
    (i32.store
      (i32.const 40)
      (i32.or (i32.load (i32.const 40)) (i64.ne (local.get $bare) (i64.const 0))))
    (i64.store (i32.const 120) (i64.load (i32.sub (local.get $end) (i32.const 8))))
    (i32.store (i32.const 60) (i32.sub (local.get $end) (i32.const 128)))
    (i32.store (i32.const 64) (local.get $isEnd))
    (i32.store (i32.const 68) (i32.sub (local.get $out) (i32.const 0x20000)))
    (i32.store (i32.const 72) (local.get $whole)))

  ;; The header ends at its first blank line; until there, counts the names that are "received".
  (func $readHeader (param $in i32) (param $colons i64) (param $blanks i64)
    (if (i64.ne (local.get $blanks) (i64.const 0))
      (then
        (local.set $colons (i64.and (local.get $colons) (call $upToFirst (local.get $blanks))))
        (i32.store (i32.const 48) (i32.const 1))))
    (if (i64.eqz (local.get $colons)) (then (return)))
    (loop $names
      (i32.store
        (i32.const 36)
        (i32.add
          (i32.load (i32.const 36))
          (i64.eq
            ;; In lower case.
            (i64.or
              (i64.load (i32.sub (i32.add (local.get $in) (call $first (local.get $colons))) (i32.const 8)))
              (i64.const 0x2020202020202020))
            (i64.const 0x6465766965636572))))
      (local.set $colons (i64.and (local.get $colons) (i64.sub (local.get $colons) (i64.const 1))))
      (br_if $names (i64.ne (local.get $colons) (i64.const 0)))))

  ;; 1 where the last octets are a dot that starts a line and a CR.
  (func $isHeld (param $cr i64) (param $dot i64) (result i32)
    (i32.and
      (i32.wrap_i64 (i64.shr_u (local.get $cr) (i64.const 31)))
      (i32.wrap_i64 (i64.shr_u (local.get $dot) (i64.const 30)))))

  (func $find (param $low v128) (param $high v128) (param $octet v128) (result i64)
    (i64.shl
      (i64.extend_i32_u
        (i32.or
          (i8x16.bitmask (i8x16.eq (local.get $low) (local.get $octet)))
          (i32.shl (i8x16.bitmask (i8x16.eq (local.get $high) (local.get $octet))) (i32.const 16))))
      (i64.const 32)))

  ;; The octet of the block that the first bit is for.
  (func $first (param $bits i64) (result i32)
    (i32.sub (i32.wrap_i64 (i64.ctz (local.get $bits))) (i32.const 32)))

  (func $upToFirst (param $bits i64) (result i64)
    (i64.xor (local.get $bits) (i64.sub (local.get $bits) (i64.const 1))))

  ;; Where the octet behind that one of the block goes: dots are left out.
  (func $behind (param $out i32) (param $dots i64) (param $octet i32) (result i32)
    (i32.sub
      (i32.add (i32.add (local.get $out) (local.get $octet)) (i32.const 1))
      (i32.wrap_i64
        (i64.popcnt
          (i64.shl (local.get $dots) (i64.extend_i32_u (i32.sub (i32.const 31) (local.get $octet)))))))))
