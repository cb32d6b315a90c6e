/** A file that a setup fetches, as it must be. */
export interface PinnedFile {
  readonly file: string
  readonly bytes: number
  readonly sha256: string
}

/** A Python wheel; its file name tells project, version and platform. */
export interface PinnedWheel extends PinnedFile {
  /** How much room the files take that are unpacked from it. */
  readonly unpackedBytes: number
}

/** The TensorFlow.js release whose binding sources and kernels are used. */
export const bindingVersion = '4.22.0'

/** What npm packs of that release. */
export const bindingSources: PinnedFile = {
  file: `tensorflow-tfjs-node-${bindingVersion}.tgz`,
  bytes: 228_166,
  sha256: 'd38a448a705efc6e655a080f896b3af646ae39dffbfe9c90b06cb9fc3a2b9358',
}

/** The release that is set up unless another one is asked for. */
export const defaultRelease = '2.20.0'

/** The kinds of machines that TensorFlow is set up for. */
export type Target = 'linux-x64' | 'linux-x64-gpu' | 'linux-arm64' | 'darwin-arm64'

/** TensorFlow's wheels by release and by the machine that they are for. */
export const tensorflowWheels: Readonly<Record<string, Readonly<Partial<Record<Target, PinnedWheel>>>>> = {
  '2.21.0': {
    'linux-x64': {
      file: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
      bytes: 273_829_956,
      unpackedBytes: 858_162_161,
      sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    },
    'linux-x64-gpu': {
      file: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
      bytes: 572_440_367,
      unpackedBytes: 1_263_929_331,
      sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
    },
    'linux-arm64': {
      file: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_aarch64.whl',
      bytes: 281_828_020,
      unpackedBytes: 887_915_433,
      sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
    },
    'darwin-arm64': {
      file: 'tensorflow-2.21.0-cp311-cp311-macosx_12_0_arm64.whl',
      bytes: 223_405_849,
      unpackedBytes: 745_652_002,
      sha256: '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
    },
  },
  '2.20.0': {
    'linux-x64': {
      file: 'tensorflow_cpu-2.20.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
      bytes: 258_876_263,
      unpackedBytes: 783_989_131,
      sha256: 'cf756bbe2d256e942ab5d0ad2c858fb40017581494febdb4387c149b1afde780',
    },
    'linux-x64-gpu': {
      file: 'tensorflow-2.20.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
      bytes: 620_570_129,
      unpackedBytes: 1_277_479_697,
      sha256: '481499fd0f824583de8945be61d5e827898cdaa4f5ea1bc2cc28ca2ccff8229e',
    },
    'linux-arm64': {
      file: 'tensorflow-2.20.0-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl',
      bytes: 259_465_882,
      unpackedBytes: 938_227_612,
      sha256: '3e9568c8efcb05c0266be223e3269c62ebf7ad3498f156438311735f6fa5ced5',
    },
    'darwin-arm64': {
      file: 'tensorflow-2.20.0-cp311-cp311-macosx_12_0_arm64.whl',
      bytes: 200_507_363,
      unpackedBytes: 707_872_879,
      sha256: '5f964016c5035d09b85a246a6b739be89282a7839743f3ea63640224f0c63aee',
    },
  },
  '2.19.1': {
    'linux-x64': {
      file: 'tensorflow_cpu-2.19.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
      bytes: 251_795_484,
      unpackedBytes: 751_741_627,
      sha256: '0b6d72bd09c267e7573757bd309f5b1e2cdb02577339991da751f3a1411e4dae',
    },
    'linux-arm64': {
      file: 'tensorflow-2.19.1-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl',
      bytes: 252_660_426,
      unpackedBytes: 917_964_291,
      sha256: '22deedc251837f2382d2b287c705705cb089bfaf79b2274b78c08740e02bf188',
    },
    'darwin-arm64': {
      file: 'tensorflow-2.19.1-cp311-cp311-macosx_12_0_arm64.whl',
      bytes: 252_591_021,
      unpackedBytes: 689_170_630,
      sha256: '8a274a1336051bef0e7e042fa5818a9d342e300d9c311c5d7933eb60e2269770',
    },
  },
  '2.18.1': {
    'linux-x64': {
      file: 'tensorflow_cpu-2.18.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
      bytes: 230_236_181,
      unpackedBytes: 686_627_796,
      sha256: '810c75d7149d2da0cb2092187817b0dcabb80728ca9f9cf3a61f3f42fadd1298',
    },
    'linux-arm64': {
      file: 'tensorflow-2.18.1-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl',
      bytes: 231_937_898,
      unpackedBytes: 770_284_644,
      sha256: '8a6485edd2148f70d011dbd1d8dc2c775e91774a5a159466e83d0d1f21580944',
    },
    'darwin-arm64': {
      file: 'tensorflow-2.18.1-cp311-cp311-macosx_12_0_arm64.whl',
      bytes: 239_549_037,
      unpackedBytes: 659_326_624,
      sha256: '661029cd769b311db910b79a3a6ef50a5a61ecc947172228c777a49989722508',
    },
  },
  '2.17.1': {
    'linux-x64': {
      file: 'tensorflow_cpu-2.17.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
      bytes: 221_239_512,
      unpackedBytes: 649_086_921,
      sha256: '4935d35d15924602605c839cb6cd5a578f89f626d8736f62065fe3a089b63b6f',
    },
    'linux-arm64': {
      file: 'tensorflow-2.17.1-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl',
      bytes: 223_945_776,
      unpackedBytes: 723_479_681,
      sha256: 'bc41bc3e31d205dcf6e4b8afc0514de05445303d93fade03549085ef8c45a2b2',
    },
    'darwin-arm64': {
      file: 'tensorflow-2.17.1-cp311-cp311-macosx_12_0_arm64.whl',
      bytes: 236_176_925,
      unpackedBytes: 618_316_653,
      sha256: '595c220b0febe2295a150e0d870c742a75c56b145a63ed878f78d64aa43c6ca6',
    },
  },
  '2.16.2': {
    'linux-x64': {
      file: 'tensorflow_cpu-2.16.2-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
      bytes: 214_055_683,
      unpackedBytes: 635_508_701,
      sha256: 'c855cb6bf05d32dd5928086b03a5f6b4189b63c22b95e017703cbee4291023ca',
    },
    'linux-arm64': {
      file: 'tensorflow-2.16.2-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl',
      bytes: 218_904_025,
      unpackedBytes: 715_467_277,
      sha256: '8728b12bc86941d90d0a927c40d4b21f8820964a80439a7c45f850eb37d57067',
    },
    'darwin-arm64': {
      file: 'tensorflow-2.16.2-cp311-cp311-macosx_12_0_arm64.whl',
      bytes: 227_025_342,
      unpackedBytes: 618_512_153,
      sha256: '2c8a0e79395639b762e62002db99b2f6cc608f744312c9940899c1128f325331',
    },
  },
  '2.15.1': {
    'linux-x64': {
      file: 'tensorflow_cpu-2.15.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
      bytes: 207_208_420,
      unpackedBytes: 617_669_300,
      sha256: '54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26',
    },
    'darwin-arm64': {
      file: 'tensorflow-2.15.1-cp311-cp311-macosx_12_0_arm64.whl',
      bytes: 205_736_374,
      unpackedBytes: 606_571_768,
      sha256: 'aa926114d1e13ffe5b2ea59c3f195216f26646d7fe36e9e5207b291e4b7902ff',
    },
  },
}

/** Every release that is known, newest first; not every one is there for every machine. */
export const knownReleases: readonly string[] = Object.keys(tensorflowWheels)

/**
 * NVIDIA's libraries that the releases for GPUs ask for: of those that their wheels' extra `and-cuda` allows the oldest,
 * which are the ones that they were built with.
 */
export const cudaWheels: readonly PinnedWheel[] = [
  {
    file: 'nvidia_cublas_cu12-12.5.3.2-py3-none-manylinux2014_x86_64.whl',
    bytes: 363_313_169,
    unpackedBytes: 551_706_504,
    sha256: 'ca070ad70e9fa6654084575d01bd001f30cc4665e33d4bb9fc8e0f321caa034b',
  },
  {
    file: 'nvidia_cuda_cupti_cu12-12.5.82-py3-none-manylinux2014_x86_64.whl',
    bytes: 13_811_507,
    unpackedBytes: 43_952_208,
    sha256: 'bde77a5feb66752ec61db2adfe47f56b941842825b4c7e2068aff27c9d107953',
  },
  {
    file: 'nvidia_cuda_nvcc_cu12-12.5.82-py3-none-manylinux2014_x86_64.whl',
    bytes: 22_468_537,
    unpackedBytes: 58_792_548,
    sha256: 'b03e545b8e8c3ce7ebcd7fc44063180ff52ff01d064ece2127ed90a04ef12cd0',
  },
  {
    file: 'nvidia_cuda_nvrtc_cu12-12.5.82-py3-none-manylinux2014_x86_64.whl',
    bytes: 24_873_108,
    unpackedBytes: 68_243_664,
    sha256: '3dbd97b0104b4bfbc3c4f8c79cd2496307c89c43c29a9f83125f1d76296ff3fd',
  },
  {
    file: 'nvidia_cuda_runtime_cu12-12.5.82-py3-none-manylinux2014_x86_64.whl',
    bytes: 895_707,
    unpackedBytes: 712_032,
    sha256: '3e79a060e126df40fd3a068f3f787eb000fa51b251ec6cd97d09579632687115',
  },
  {
    file: 'nvidia_cudnn_cu12-9.3.0.75-py3-none-manylinux2014_x86_64.whl',
    bytes: 577_163_502,
    unpackedBytes: 885_338_960,
    sha256: '9ad9c6929ebb5295eb4a1728024666d1c88283373e265a0c5c883e6f9d5cd76d',
  },
  {
    file: 'nvidia_cufft_cu12-11.2.3.61-py3-none-manylinux2014_x86_64.whl',
    bytes: 192_524_114,
    unpackedBytes: 278_929_256,
    sha256: '9a6e8df162585750f61983a638104a48c756aa13f9f48e19ab079b38e3c828b8',
  },
  {
    file: 'nvidia_curand_cu12-10.3.6.82-py3-none-manylinux2014_x86_64.whl',
    bytes: 56_309_107,
    unpackedBytes: 96_529_840,
    sha256: '2823fb27de4e44dbb22394a6adf53aa6e1b013aca0f8c22867d1cfae58405536',
  },
  {
    file: 'nvidia_cusolver_cu12-11.6.3.83-py3-none-manylinux2014_x86_64.whl',
    bytes: 130_341_232,
    unpackedBytes: 218_141_696,
    sha256: '93cfafacde4428b71778eeb092ec615a02a3d05404da1bcf91c53e3fa1bce42b',
  },
  {
    file: 'nvidia_cusparse_cu12-12.5.1.3-py3-none-manylinux2014_x86_64.whl',
    bytes: 217_558_979,
    unpackedBytes: 295_715_544,
    sha256: '016df8e993c437e8301e62739f01775cba988fd5253cd4c64173f8e8d2f8e752',
  },
  {
    file: 'nvidia_nvjitlink_cu12-12.5.82-py3-none-manylinux2014_x86_64.whl',
    bytes: 21_298_879,
    unpackedBytes: 54_560_656,
    sha256: 'f9b37bc5c8cf7509665cb6ada5aaa0ce65618f2332b7d3e78e9790511f111212',
  },
]

/** The one of these libraries that each release has its own version of. */
export const ncclWheels: Readonly<Record<string, PinnedWheel>> = {
  '2.21.0': {
    file: 'nvidia_nccl_cu12-2.27.7-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    bytes: 322_546_339,
    unpackedBytes: 430_126_192,
    sha256: 'de5ba5562f08029a19cb1cd659404b18411ed0d6c90ac5f52f30bf99ad5809aa',
  },
  '2.20.0': {
    file: 'nvidia_nccl_cu12-2.25.1-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    bytes: 201_352_353,
    unpackedBytes: 271_887_104,
    sha256: '362aed5963fb9ea2ed2f264409baae30143498fd0e5c503aeaa1badd88cdc54a',
  },
}
