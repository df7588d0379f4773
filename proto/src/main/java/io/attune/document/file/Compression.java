package io.attune.document.file;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Locale;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorInputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZInputStream;
import org.tukaani.xz.XZOutputStream;

/// What compresses each document of a [BinaryStream], by docarray's names.
public enum Compression {
  NONE,
  GZIP,
  ZLIB,
  BZ2,
  /// The xz container, as Python's `lzma` writes it.
  LZMA,
  /// The frame format.
  LZ4;

  /// What a dictionary may ask for: twice that of the highest preset of xz.
  private static final int MAX_XZ_MEMORY_KIB = 128 << 10;

  /// What docarray puts behind the name of a file: `.gzip`, or nothing.
  String suffix() {
    return this == NONE ? "" : "." + name().toLowerCase(Locale.ROOT);
  }

  /// The compression of bytes, by how they start. No message of a document starts so: the tags of
  /// its fields are other numbers.
  static Compression of(byte[] bytes) {
    int start = 0;
    for (int i = 0; i < 4; i++) {
      start = start << 8 | (i < bytes.length ? bytes[i] & 0xFF : 0);
    }
    boolean deflate = start >>> 24 == 0x78 && (start >>> 16) % 31 == 0;
    return switch (start >>> 8) {
      case 0x425A68 -> BZ2; // BZh
      case 0xFD377A -> LZMA;
      default -> start >>> 16 == 0x1F8B ? GZIP : start == 0x04224D18 ? LZ4 : deflate ? ZLIB : NONE;
    };
  }

  byte[] compress(byte[] bytes) throws IOException {
    if (this == NONE) {
      return bytes;
    }
    ByteArrayOutputStream compressed = new ByteArrayOutputStream(bytes.length / 2 + 64);
    try (OutputStream out = compressor(compressed)) {
      out.write(bytes);
    }
    return compressed.toByteArray();
  }

  private OutputStream compressor(OutputStream out) throws IOException {
    return switch (this) {
      case NONE -> out;
      case GZIP -> new GZIPOutputStream(out);
      case ZLIB -> new DeflaterOutputStream(out);
      case BZ2 -> new BZip2CompressorOutputStream(out);
      case LZMA -> new XZOutputStream(out, new LZMA2Options());
      case LZ4 -> new FramedLZ4CompressorOutputStream(out);
    };
  }

  /// The bytes as they were before; more than so many are cut after one more.
  ///
  /// @throws IOException for bytes that are cut or damaged
  byte[] decompress(byte[] bytes, int maxBytes) throws IOException {
    if (this == NONE) {
      return bytes;
    }
    try (InputStream in = decompressor(new ByteArrayInputStream(bytes))) {
      return in.readNBytes(maxBytes + 1);
    } catch (IllegalArgumentException | IllegalStateException | IndexOutOfBoundsException e) {
      throw new IOException("damaged", e); // how commons-compress tells of some damage
    }
  }

  private InputStream decompressor(InputStream in) throws IOException {
    return switch (this) {
      case NONE -> in;
      case GZIP -> new GZIPInputStream(in);
      case ZLIB -> new InflaterInputStream(in);
      case BZ2 -> new BZip2CompressorInputStream(in, true);
      case LZMA -> new XZInputStream(in, MAX_XZ_MEMORY_KIB);
      case LZ4 -> new FramedLZ4CompressorInputStream(in, true);
    };
  }
}
