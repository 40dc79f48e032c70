const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Columns of NSEScripMaster.txt. Written with a space after each comma. */
export const NSE_COLUMNS = words(`
  Token ShortName Series CompanyName ticksize Lotsize DateOfListing DateOfDeListing IssuePrice
  FaceValue ISINCode 52WeeksHigh 52WeeksLow LifeTimeHigh LifeTimeLow HighDate LowDate Symbol
  InstrumentType PermittedToTrade IssueCapital WarningPercent FreezePercent CreditRating
  IssueRate IssueStartDate InterestPaymentDate IssueMaturityDate BoardLotQty Name ListingDate
  ExpulsionDate ReAdmissionDate RecordDate ExpiryDate NoDeliveryStartDate NoDeliveryEndDate
  MFill AON ParticipantInMarketIndex BookClsStartDate BookClsEndDate EGM AGM Interest Bonus
  Rights Dividends LocalUpdateDateTime DeleteFlag Remarks NormalMarketStatus OddLotMarketStatus
  SpotMarketStatus AuctionMarketStatus NormalMarketEligibility OddLotlMarketEligibility
  SpotMarketEligibility AuctionlMarketEligibility MarginPercentage ExchangeCode
`);

/** Columns of BSEScripMaster.txt. */
export const BSE_COLUMNS = words(`
  Token ShortName Series CompanyName TickSize LotSize ScripCode MarketLot BCastFlag AVMBuyMargin
  AVMSellMargin ScripID ScripName GroupName NdFlag NDSDate NDEDate SuspStatus avmflag
  SuspensionReason Suspensiondate DateOfListing DateOfDeListing IssuePrice FaceValue ISINCode
  52WeeksHigh 52WeeksLow LifeTimeHigh LifeTimeLow HighDate LowDate MarginPercentage ExchangeCode
`);

/** Columns of FONSE, FOBSE and CDNSE ScripMaster.txt. */
export const CONTRACT_COLUMNS = words(`
  Token InstrumentName ShortName Series ExpiryDate StrikePrice OptionType CALevel
  PermittedToTrade IssueCapital WarningQty FreezeQty CreditRating NormalMarketStatus
  OddLotMarketStatus SpotMarketStatus AuctionMarketStatus NormalMarketEligibility
  OddLotMarketEligibility SpotMarketEligibility AuctionMarketEligibility IssueRate
  IssueStartDate InterestPaymentDate IssueMaturityDate MarginPercentage MinimumLotQty LotSize
  TickSize CompanyName ListingDate ExpulsionDate ReAdmissionDate RecordDate LowPriceRange
  HighPriceRange SecurityExpiryDate NoDeliveryStartDate NoDeliveryEndDate MF AON
  ParticipantInMarketIndex BookClsStartDate BookClsEndDate ExcerciseStartDate ExcerciseEndDate
  OldToken AssetInstrument AssetName AssetToken IntrinsicValue ExtrinsicValue ExcerciseStyle EGM
  AGM Interest Bonus Rights Dividends ExAllowed ExRejectionAllowed PlAllowed IsThisAsset
  IsCorpAdjusted LocalUpdateDatetime DeleteFlag Remarks BasePrice ExchangeCode
`);

/** Columns of MCXScripMaster.txt. */
export const MCX_COLUMNS = words(`
  Token InstrumentName ShortName Series CompanyName TickSize LotSize ExpiryDate OptionType
  StrikePrice StartDate EndDate ExpiryMonth MarketLot MarginPercentage LowerCktLimit
  UpperCktLimit OpenInterest LifeTimeLow LifeTimeHigh LowPriceRange HighPriceRange QuantityUnit
  PriceUnit DeliveryUnit Exchange ExchangeCode
`);

/** Columns of MFScripMaster.txt. Written with a space after most commas. */
export const MF_COLUMNS = words(`
  CompanyCode SchemeCode AmfiCd NAV NAVDate RecommendationFlag Rating SchemeName SchemeOption
  NFOFlag AMCName SubCategory Category ISIN DR_ISIN Type Direct_flag
`);
